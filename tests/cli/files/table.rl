data rooms from csv("rooms.csv", split = 1.0) { area: f32, floor: f32 }
const areas = rooms.area
eval e on rooms.train batch 2 { report area / sum(areas) as share, sum(areas) as whole }
